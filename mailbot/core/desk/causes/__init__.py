"""What a request is about (R7): rules, and a model that learns from what operators correct."""
