# The digest decides, the tag says which Python it is; docs/operations.md says how to renew both.
ARG PYTHON_IMAGE=python:3.12.14-slim-bookworm@sha256:392307d22300de8b5986851a12d9176dfc0fc073e65bf6523ebd7dcbeb23564e
FROM ${PYTHON_IMAGE}

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    DATA_DIR=/data

WORKDIR /app
RUN install -d -o 10001 -g 10001 /data

COPY requirements.txt .
# Wheels only: the code of a source package would run here, with packages that have no hash.
RUN pip install --require-hashes --only-binary :all: -r requirements.txt

COPY bot.py ./
COPY cogs cogs
COPY dailies dailies
# The bot may not write here, and each decoder would compile what it imports.
RUN python -m compileall -q bot.py cogs dailies

USER 10001:10001
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "dailies.health"]
CMD ["python", "bot.py"]
