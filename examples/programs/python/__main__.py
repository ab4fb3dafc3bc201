"""A program that uses the component alongside its own resources."""

import pulumi
from mediatailor_access_token import AccessTokenAuthentication

authentication = AccessTokenAuthentication(
    "vod",
    {
        "source_locations": {
            "sports": {"header_name": "X-Access-Token", "base_url": "https://origin.example.com"},
        },
        "access_tokens": {"sports": pulumi.Config().require_secret("accessToken")},
        "encryption_key": {"rotation_period_in_days": 180},
    },
)

pulumi.export("secretArns", authentication.secret_arns)
pulumi.export("accessConfigurations", authentication.access_configurations)
