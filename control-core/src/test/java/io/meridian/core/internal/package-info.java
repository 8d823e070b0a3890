/** The parts of the core, each by itself. */
@NullMarked
package io.meridian.core.internal;

import org.jspecify.annotations.NullMarked;
