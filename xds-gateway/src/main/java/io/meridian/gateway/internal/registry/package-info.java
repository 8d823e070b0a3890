/** What the connected proxies hold, and the reports of it to the region's core, by which {@code meridian wait} and {@code proxies} answer. */
@NullMarked
package io.meridian.gateway.internal.registry;

import org.jspecify.annotations.NullMarked;
