@NullMarked
package io.meridian.gateway.internal.ads;

import org.jspecify.annotations.NullMarked;
