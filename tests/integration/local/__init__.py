"""The private servers themselves: started, killed, frozen, gone."""
