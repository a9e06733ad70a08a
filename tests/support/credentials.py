"""Videos with Content Credentials (C2PA), signed with a certificate that is made here."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

STUDIO = "Example Studios"
"""Organisation in the signer's certificate."""
MANIFEST = {
    "claim_generator_info": [{"name": "Example Video Model", "version": "1"}],
    "assertions": [
        {
            "label": "c2pa.actions.v2",
            "data": {
                "actions": [
                    {
                        "action": "c2pa.created",
                        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
                    }
                ]
            },
        }
    ],
}


def sign(source: Path, target: Path) -> Path:
    """Write a copy of an MP4 with signed Content Credentials."""
    certificates, key = _signer()
    info = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=certificates, private_key=key, ta_url=None)  # pyright: ignore[reportArgumentType] (no time stamp)
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(MANIFEST)) as builder:
        builder.sign_file(str(source), str(target), signer)
    return target


def tampered(signed: Path, target: Path) -> Path:
    """Write a copy of a signed MP4 with one changed byte in its last frame."""
    data = bytearray(signed.read_bytes())
    data[-10] ^= 0xFF
    target.write_bytes(data)
    return target


@cache
def _signer() -> tuple[bytes, bytes]:
    """Return the chain of a signer's certificate, and its key, as PEM: the library takes none that sign themselves."""
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _name("Example Authority")
    first = _certificate(authority, authority, root, root, is_authority=True)
    second = _certificate(_name(STUDIO), authority, own, root, is_authority=False)
    chain = second.public_bytes(Encoding.PEM) + first.public_bytes(Encoding.PEM)
    return chain, own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(organisation: str) -> x509.Name:
    parts = {NameOID.COUNTRY_NAME: "US", NameOID.ORGANIZATION_NAME: organisation, NameOID.COMMON_NAME: organisation}
    return x509.Name([x509.NameAttribute(*part) for part in parts.items()])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now, authority = datetime.now(UTC), is_authority
    usage = x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )
