"""A referral's life by the real procedures and their dates, on both transports."""
