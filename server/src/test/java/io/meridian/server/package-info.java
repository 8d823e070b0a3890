/** Tests of the composition root, and of the rules between modules. */
@NullMarked
package io.meridian.server;

import org.jspecify.annotations.NullMarked;
