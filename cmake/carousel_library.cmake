# The library that an engineer embeds: floors 0-4, model and training, Highway and nothing else.
set(core base tensor kernels cells layers losses model training)
set(objects "")
foreach(folder IN LISTS core)
  list(APPEND objects $<TARGET_OBJECTS:carousel_${folder}_objects>)
endforeach()
add_library(carousel ${objects})
add_library(carousel::carousel ALIAS carousel)
target_link_libraries(carousel PRIVATE Threads::Threads)
