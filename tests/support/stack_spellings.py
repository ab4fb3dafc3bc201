"""A stack with two source locations in eu-west-1 and no tokens, in all spellings."""

import json

NAMESPACE = "mediatailor-access-token"
LOCATION = "headerName: X-Access-Token"

PLAIN = f"""\
config:
  aws:region: eu-west-1
  {NAMESPACE}:sourceLocations:
    news: {{{LOCATION}}}
    sports: {{{LOCATION}}}
"""

SPELLINGS = {
    "plain": PLAIN,
    "json": json.dumps(
        {
            "config": {
                "aws:region": "eu-west-1",
                f"{NAMESPACE}:sourceLocations": {
                    name: {"headerName": "X-Access-Token"} for name in ("news", "sports")
                },
            }
        }
    ),
    "json with tabs": json.dumps(
        {
            "config": {
                "aws:region": "eu-west-1",
                "sourceLocations": {
                    name: {"headerName": "X-Access-Token"} for name in ("news", "sports")
                },
            }
        },
        indent="\t",
    ),
    "keys in quotes": PLAIN.replace("aws:region", '"aws:region"').replace(
        f"{NAMESPACE}:sourceLocations", f"'{NAMESPACE}:sourceLocations'"
    ),
    "keys without a namespace": PLAIN.replace(f"{NAMESPACE}:", ""),
    "old keys of three parts": PLAIN.replace(f"{NAMESPACE}:", f"{NAMESPACE}:config:").replace(
        "aws:region", "aws:config:region"
    ),
    "mixed keys": PLAIN.replace("aws:region", "aws:config:region").replace(f"{NAMESPACE}:", ""),
    "a merge key": PLAIN.replace(f"    news: {{{LOCATION}}}\n", f"    <<: {{news: {{{LOCATION}}}}}\n"),
    "a list of merge keys": PLAIN.replace(
        f"    news: {{{LOCATION}}}\n    sports: {{{LOCATION}}}\n",
        f"    <<: [{{news: {{{LOCATION}}}}}, {{sports: {{{LOCATION}}}, news: {{}}}}]\n",
    ),
    "an anchor": f"""\
config:
  aws:region: eu-west-1
  sourceLocations:
    news: &location {{{LOCATION}}}
    sports: *location
""",
    "an anchor outside of config": f"""\
x-locations: &locations
  news: {{{LOCATION}}}
  sports: {{{LOCATION}}}
config:
  aws:region: eu-west-1
  sourceLocations: *locations
""",
    "defaults merged into config": f"""\
x-defaults: &defaults
  aws:region: eu-west-1
  sourceLocations:
    news: {{{LOCATION}}}
    sports: {{{LOCATION}}}
config:
  <<: *defaults
  protect: false
""",
    "config merged into the file": f"""\
x-base: &base
  config:
    aws:region: eu-west-1
    sourceLocations: {{news: {{{LOCATION}}}, sports: {{{LOCATION}}}}}
<<: *base
""",
    "an alias for a key": f"""\
x-key: &key aws:region
config:
  *key : eu-west-1
  sourceLocations: {{news: {{{LOCATION}}}, sports: {{{LOCATION}}}}}
""",
    "a byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "UTF-16": ("\ufeff" + PLAIN).encode("utf-16-le"),
    "CRLF": PLAIN.replace("\n", "\r\n").encode(),
    "comments and blank lines": "# of the team\n\n" + PLAIN.replace("\n", "  # why\n\n"),
    "a document marker": "---\n" + PLAIN + "...\n",
    "a second document": PLAIN + "---\nconfig:\n  aws:region: us-west-2\n",
    "a second document that is not YAML": PLAIN + "---\n{{ [\n",
    "a YAML directive": "%YAML 1.2\n---\n" + PLAIN,
    "tabs between keys and values": PLAIN.replace(": eu-west-1", ":\teu-west-1"),
    "null tokens": PLAIN + f"  {NAMESPACE}:accessTokens:\n",
    "empty tokens": PLAIN + "  accessTokens: {}\n",
    "a secrets provider": "secretsprovider: awskms://alias/x?region=eu-west-1\nencryptedkey: x\n" + PLAIN,
    "an ESC environment": "environment:\n  - media/prod\n" + PLAIN,
    "an ESC environment inline": "environment:\n  values: {pulumiConfig: {x: y}}\n" + PLAIN,
    "a salt of its own": "encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAA\n" + PLAIN,
    "other namespaces": PLAIN + "  datadog:apiKey: {secure: v1:AAAAAAAAAAA=:AAAA}\n  pulumi:tags: {team: media}\n",
    "unknown top-level keys": "x-team: media\n" + PLAIN,
}  # fmt: skip
