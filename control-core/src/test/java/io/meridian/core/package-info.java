/** The core's ports, tried over a real journal and a real cluster; other regions are stood in for by {@link io.meridian.core.FakePeers}. */
@NullMarked
package io.meridian.core;

import org.jspecify.annotations.NullMarked;
