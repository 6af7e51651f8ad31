# carousel_folder(NAME [SMALL] SOURCES a.cpp ... [TESTS a_test.cpp ...] [DEPENDS folder ...] [LIBRARIES lib ...])
#
# One folder of src/: an object library carousel_NAME_objects (collected into the installed library),
# a static library carousel_NAME for everything inside the build, and one test program NAME_tests.
# SMALL: nothing in it is worth more code for more speed.
function(carousel_folder name)
  cmake_parse_arguments(ARG "SMALL" "" "SOURCES;TESTS;DEPENDS;LIBRARIES" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND carousel_)

  add_library(carousel_${name}_objects OBJECT ${ARG_SOURCES})
  target_link_libraries(carousel_${name}_objects PUBLIC carousel_flags ${ARG_LIBRARIES})
  if(ARG_SMALL)
    target_compile_options(carousel_${name}_objects PRIVATE $<$<CONFIG:Release>:-Os>)
  endif()
  add_library(carousel_${name} STATIC $<TARGET_OBJECTS:carousel_${name}_objects>)
  target_link_libraries(carousel_${name} PUBLIC carousel_flags ${ARG_DEPENDS} ${ARG_LIBRARIES})

  if(CAROUSEL_WITH_TESTS AND ARG_TESTS)
    add_executable(${name}_tests ${ARG_TESTS})
    target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name}_tests PRIVATE carousel_${name} carousel_test_flags GTest::gmock GTest::gtest_main)
    carousel_tests(${name}_tests ${name} 300)
  endif()
endfunction()
