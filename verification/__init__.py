"""AWS's requirements on access token authentication, checked against what AWS returns."""
