"""A small exchange: an order book for each stock, and bots that trade."""
