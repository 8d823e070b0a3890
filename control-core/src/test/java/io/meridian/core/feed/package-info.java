/** The feed through a channel, over a region in memory. */
@NullMarked
package io.meridian.core.feed;

import org.jspecify.annotations.NullMarked;
