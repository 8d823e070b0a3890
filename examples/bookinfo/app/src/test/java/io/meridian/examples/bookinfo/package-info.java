/** Bookinfo's services over real connections, and what stands in for their sidecars. */
@NullMarked
package io.meridian.examples.bookinfo;

import org.jspecify.annotations.NullMarked;
