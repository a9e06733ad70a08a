"""Programs that read hostile bytes, run without network, with their own files only, and in a bounded memory."""
