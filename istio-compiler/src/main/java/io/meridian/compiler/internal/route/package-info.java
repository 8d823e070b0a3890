/** Route configurations, put together from virtual hosts that are compiled each for itself. */
@NullMarked
package io.meridian.compiler.internal.route;

import org.jspecify.annotations.NullMarked;
