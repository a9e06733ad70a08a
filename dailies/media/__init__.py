"""Video files: probing, fitting and encoding with ffmpeg."""
