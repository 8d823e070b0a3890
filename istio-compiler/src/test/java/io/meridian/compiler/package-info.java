/** Tests of the compiler as a whole. */
@NullMarked
package io.meridian.compiler;

import org.jspecify.annotations.NullMarked;
