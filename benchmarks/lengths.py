"""Durations of jobs: published figures for the models that OpenRouter offers, and distributions drawn from them.

There are few recordings and no distribution. Mostly a page gives the usual range of a model's jobs, over clips, hours
and queues. Read in November 2026. Kinds of figures:

- vendor: the model's own maker says so.
- reseller: a service that sells the model says so, without saying how it was found.
- recorded: somebody measured jobs and described how.

Fitted: the two ends are taken for the 5th and 95th percentile of a lognormal distribution; Google calls its ends the
least and the most, so they are taken for the 1st and 99th. That is an assumption: nobody publishes a shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Published:
    """Seconds that jobs of a model take, and their source. ends: the percentiles that least and most are taken for."""

    model: str
    least: float
    most: float
    kind: str
    source: str
    ends: tuple[float, float] = (0.05, 0.95)

    @property
    def median(self) -> float:
        """Median of the fitted distribution, in seconds."""
        low, high = (NormalDist().inv_cdf(end) for end in self.ends)
        return math.exp((math.log(self.least) * high - math.log(self.most) * low) / (high - low))

    @property
    def spread(self) -> float:
        """Standard deviation of the logarithm of the fitted distribution."""
        low, high = (NormalDist().inv_cdf(end) for end in self.ends)
        return math.log(self.most / self.least) / (high - low)


_ALIBABA = "alibabacloud.com/help/doc-detail/3029820.html"
_PLAYBOOK = "aiapiplaybook.com/blog/"
_VIVIDEO = "vivideo.ai/research/ai-video-render-time-benchmark"

PUBLISHED = (
    Published("google/veo-3.1", 11, 360, "vendor", "ai.google.dev/gemini-api/docs/video", (0.01, 0.99)),
    # "1 to 5 minutes" stands on the pages of HappyHorse, Wan 2.6 and Wan 2.7 alike; it counts once.
    Published("alibaba/happyhorse-1.0, wan-2.6, wan-2.7", 60, 300, "vendor", _ALIBABA),
    Published("bytedance/seedance-2.0", 45, 90, "reseller", _PLAYBOOK + "seedance-2-0-api-guide"),
    Published("bytedance/seedance-2.0-fast", 45, 75, "reseller", "docs.bytespike.ai (seedance-2.0-pro-fast, 6 s)"),
    Published("kwaivgi/kling-v3.0-std", 60, 120, "reseller", _PLAYBOOK + "kling-v3-0-std-image-to-video-api-…"),
    Published("kwaivgi/kling-v3.0-pro", 90, 200, "reseller", "gccai.heqingsong.uk/blog/kling-3-0-fast-…"),
    Published("minimax/hailuo-2.3", 30, 90, "reseller", "wavespeed.ai/docs/docs-api/minimax/minimax-hailuo-2.3-t2v-…"),
    Published("runway/gen-4.5", 30, 120, "reseller", "railwail.com/en/models/runway-gen45"),
    Published("x-ai/grok-imagine-video", 10, 25, "reseller", "docs.apikley.ru (Grok-Imagine-text-to-video)"),
    # One clip of each of 30 models, given by tier: varying from model to model, not from job to job.
    Published("30 models, standard tier", 90, 180, "recorded", _VIVIDEO),
    Published("30 models, best tier", 180, 540, "recorded", _VIVIDEO),
)
"""xAI's figure for its own model, "up to several minutes", fits no distribution. Single recordings lie within: 41 s
(OpenRouter, model unknown), 110 s (veo-3.1-fast, 8 s, github.com/daiki-beppu/youtube-automation/issues/312)."""
