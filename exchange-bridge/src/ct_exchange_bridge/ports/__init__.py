"""What the bridge needs from outside, each port as small as its user."""
