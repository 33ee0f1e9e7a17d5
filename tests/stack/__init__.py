"""A private mail stack on loopback: Postfix, Dovecot and postclerk, each with its own folder and configuration.

The demo, the end-to-end tests and the benchmark run on it. The system's own Postfix and Dovecot are neither read nor
touched. The master of Postfix needs root.
"""
