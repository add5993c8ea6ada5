"""CORS: pages of any origin may use the API, with a token, and without cookies."""

# Scripts on game websites send scores and poll from there, with a token.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Content-Type, X-User-Intent, Authorization, "
    "X-Infer-Score-TimeAchieved, Idempotency-Key, If-None-Match",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, X-Request-ID, "
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
    "Access-Control-Allow-Credentials": "false",
    "Access-Control-Allow-Methods": "GET,POST,PATCH,PUT,DELETE,OPTIONS",
}
