/**
 * TCP proxies with faults, through which the regions reach each other. Bytes pass as they are; nothing here knows what they mean. A fault
 * is a value that is set at run time; healing sets the value that stands for none.
 */
@NullMarked
package io.meridian.chaos.proxy;

import org.jspecify.annotations.NullMarked;
