/** Tests of the protocol, regions in memory under a clock that the test moves. */
@NullMarked
package io.meridian.core.protocol;

import org.jspecify.annotations.NullMarked;
