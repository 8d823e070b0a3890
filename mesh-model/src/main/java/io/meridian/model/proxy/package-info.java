/** What gateways report of their proxies, added up. No network, no clock. */
@NullMarked
package io.meridian.model.proxy;

import org.jspecify.annotations.NullMarked;
