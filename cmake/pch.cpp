// Owner of the precompiled ATen header that every torch room reuses.
