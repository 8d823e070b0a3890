/** The admin API through a channel, over a region in memory. */
@NullMarked
package io.meridian.core.admin;

import org.jspecify.annotations.NullMarked;
