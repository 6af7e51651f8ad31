# Flags that every target of the project shares. They are private to our own builds:
# a program that links the installed library sees none of them.
add_library(carousel_flags INTERFACE)

# docs: NUMERICS contract. An FMA is written where it is meant and nowhere else, and no
# optimisation may reorder a sum.
target_compile_options(carousel_flags INTERFACE -ffp-contract=off -fno-math-errno)
target_compile_options(carousel_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns of overlapping copies inside std::string where there are none (GCC bug 105651).
  target_compile_options(carousel_flags INTERFACE -Wno-restrict)
  # Or every file would hold its own copy of what fmt's headers bring along, cut to its arguments: 0.4 MB of the library.
  target_compile_options(carousel_flags INTERFACE -fno-ipa-sra)
endif()
# So that the linker can leave out what nothing calls: of the library that programs embed, whose interface is of
# floats, all of the double precision that tests and the lab use.
target_compile_options(carousel_flags INTERFACE -ffunction-sections -fdata-sections)
if(CAROUSEL_WERROR)
  target_compile_options(carousel_flags INTERFACE -Werror)
endif()
if(CAROUSEL_SANITIZE)
  target_compile_options(carousel_flags INTERFACE -fsanitize=${CAROUSEL_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(carousel_flags INTERFACE -fsanitize=${CAROUSEL_SANITIZE})
  if(CAROUSEL_SANITIZE MATCHES "address" AND NOT CAROUSEL_WITH_FUZZ)
    # They ask of every pointer what AddressSanitizer sees when it is followed, and are a fifth of the build. The fuzz
    # targets keep them.
    target_compile_options(carousel_flags INTERFACE -fno-sanitize=null,object-size)
  endif()
  target_compile_definitions(carousel_flags INTERFACE CAROUSEL_WITHOUT_AVX3)
endif()
# base/fmt.cpp compiles fmt into the library. Under a name of its own, so that a program may link another fmt as well.
target_compile_definitions(carousel_flags INTERFACE "FMT_BEGIN_NAMESPACE=namespace fmt { inline namespace in_carousel {"
                           "FMT_END_NAMESPACE=}}")
target_include_directories(carousel_flags INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include
                           ${PROJECT_BINARY_DIR}/include)
target_link_libraries(carousel_flags INTERFACE Threads::Threads)

# Tests are compiled more often than they run long: the library under them is as fast as ever.
add_library(carousel_test_flags INTERFACE)
target_compile_options(carousel_test_flags INTERFACE $<$<CONFIG:Release>:-O1>)
