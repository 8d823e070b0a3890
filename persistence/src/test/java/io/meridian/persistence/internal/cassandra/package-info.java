/** The tables of a journal in Cassandra. */
@NullMarked
package io.meridian.persistence.internal.cassandra;

import org.jspecify.annotations.NullMarked;
