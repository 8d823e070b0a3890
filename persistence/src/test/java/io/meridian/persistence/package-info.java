/** Rows and files, written as the journal writes them and damaged on purpose. */
@NullMarked
package io.meridian.persistence;

import org.jspecify.annotations.NullMarked;
