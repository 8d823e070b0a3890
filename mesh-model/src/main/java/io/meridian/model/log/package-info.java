/**
 * The log of a mesh as bytes: envelopes, the hash chain over them, and what a replica may append. Knows headers, not payloads.
 */
@NullMarked
package io.meridian.model.log;

import org.jspecify.annotations.NullMarked;
