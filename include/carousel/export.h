// What the shared library shows to the outside; everything else is hidden.
#pragma once

/// On each class and function that include/carousel promises.
#define CAROUSEL_API __attribute__((visibility("default")))
