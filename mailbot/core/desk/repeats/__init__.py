"""The same request again (R2): what is surely the same joins its ticket, what may be is suggested to the operators."""
