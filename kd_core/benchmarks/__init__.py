"""What distillation costs on this machine."""
