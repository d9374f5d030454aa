-- Owner: collector/site. What devices told of themselves, from a moment on until the next one (0:
-- since ever): key "" is what an asset is (JSON of AssetInput), any other a link of it to another
-- asset (JSON of Link, "" for none any more). Nothing goes with its device: reports of the past ask.
CREATE TABLE told (
    asset TEXT NOT NULL, key TEXT NOT NULL, from_ms INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (asset, key, from_ms)
) STRICT, WITHOUT ROWID;
