-- Tries of a password in the last quarter of an hour, for all nodes. `who` is a digest of the e-mail and the address.
CREATE TABLE sign_in_try (
    id IDENTITY,
    who BYTES NOT NULL,
    at NUMBER NOT NULL
) TABLE;
CREATE INDEX sign_in_try_who ON sign_in_try (who, at);
CREATE INDEX sign_in_try_at ON sign_in_try (at);
