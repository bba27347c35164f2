"""New training rows made from old ones: words, images and numbers changed a little."""
