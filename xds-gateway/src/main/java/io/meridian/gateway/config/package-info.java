/**
 * Served configuration for people: xDS resources as protobuf's JSON, without what is secret. Used by the gateway for what it serves, and by
 * the server for what it compiles again.
 */
@NullMarked
package io.meridian.gateway.config;

import org.jspecify.annotations.NullMarked;
