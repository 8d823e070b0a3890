/** Journals in SQL databases: how each is opened, its tables, and the rows and records in them. */
@NullMarked
package io.meridian.persistence.internal.jdbc;

import org.jspecify.annotations.NullMarked;
