"""The composer: an ephemeral panel in which a person composes a request before anything is paid."""
