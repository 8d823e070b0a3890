@NullMarked
package io.meridian.kafka;

import org.jspecify.annotations.NullMarked;
