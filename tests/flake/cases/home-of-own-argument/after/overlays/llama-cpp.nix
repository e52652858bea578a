"the overlay of llama-fleet"
