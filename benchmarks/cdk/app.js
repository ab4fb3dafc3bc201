// The project's resources in AWS CDK. Its own constructs for keys and secrets add statements to the
// policies and cannot block public ones, so these are the plain CloudFormation resources.
const { App, Stack, CfnOutput } = require("aws-cdk-lib/core");
const { CfnAlias, CfnKey } = require("aws-cdk-lib/aws-kms");
const { CfnResourcePolicy, CfnSecret } = require("aws-cdk-lib/aws-secretsmanager");

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html: 500 resources, 200 outputs
const SOURCE_LOCATIONS_PER_STACK = 190;

const app = new App();
const count = Number(app.node.getContext("sourceLocations"));

let stack = new Stack(app, "MediaTailor0", { analyticsReporting: false });
const key = new CfnKey(stack, "Key", {
  description: "Encrypts the access tokens of MediaTailor source locations",
  keyUsage: "ENCRYPT_DECRYPT",
  keySpec: "SYMMETRIC_DEFAULT",
  enableKeyRotation: true,
  rotationPeriodInDays: 365,
  pendingWindowInDays: 30,
  keyPolicy: {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "EnableIamPolicies",
        Effect: "Allow",
        Principal: { AWS: `arn:${stack.partition}:iam::${stack.account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "GrantToMediaTailor",
        Effect: "Allow",
        Principal: { AWS: [`arn:${stack.partition}:iam::${stack.account}:role/video-platform`] },
        Action: "kms:CreateGrant",
        Resource: "*",
        Condition: { StringEquals: { "kms:ViaService": `mediatailor.${stack.region}.amazonaws.com` } },
      },
    ],
  },
});
new CfnAlias(stack, "Alias", { aliasName: "alias/mediatailor", targetKeyId: key.ref });

for (let i = 0; i < count; i++) {
  if (i > 0 && i % SOURCE_LOCATIONS_PER_STACK === 0) {
    stack = new Stack(app, `MediaTailor${i / SOURCE_LOCATIONS_PER_STACK}`, { analyticsReporting: false });
  }
  const name = `location-${String(i).padStart(4, "0")}`;
  const secret = new CfnSecret(stack, `Secret-${name}`, {
    description: `Access token of MediaTailor source location ${name}`,
    kmsKeyId: key.attrArn,
    secretString: JSON.stringify({ AccessToken: `throw-away-${name}` }),
  });
  new CfnResourcePolicy(stack, `Policy-${name}`, {
    secretId: secret.ref,
    blockPublicPolicy: true,
    resourcePolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "mediatailor.amazonaws.com" },
          Action: "secretsmanager:GetSecretValue",
          Resource: secret.ref,
        },
      ],
    },
  });
  new CfnOutput(stack, `SecretArn-${name}`, { value: secret.ref });
}
