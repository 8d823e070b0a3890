@NullMarked
package io.meridian.model.history;

import org.jspecify.annotations.NullMarked;
