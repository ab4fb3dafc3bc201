// A program that uses the component alongside its own resources.

import * as pulumi from "@pulumi/pulumi";
import { AccessTokenAuthentication } from "@pulumi/mediatailor-access-token";

const authentication = new AccessTokenAuthentication("vod", {
    sourceLocations: {
        sports: { headerName: "X-Access-Token", baseUrl: "https://origin.example.com" },
    },
    accessTokens: { sports: new pulumi.Config().requireSecret("accessToken") },
    encryptionKey: { rotationPeriodInDays: 180 },
});

export const secretArns = authentication.secretArns;
export const accessConfigurations = authentication.accessConfigurations;
