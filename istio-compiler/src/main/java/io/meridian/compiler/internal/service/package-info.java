/**
 * Services as clients see them: merged over clusters and ServiceEntries, with their endpoints, who may see them, which DestinationRule is
 * theirs, and what a client's Sidecar leaves of it all.
 */
@NullMarked
package io.meridian.compiler.internal.service;

import org.jspecify.annotations.NullMarked;
