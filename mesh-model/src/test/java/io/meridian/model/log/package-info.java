@NullMarked
package io.meridian.model.log;

import org.jspecify.annotations.NullMarked;
