"""The outside world: the store, directories, the DNS. Everything here may fail, and says how."""
